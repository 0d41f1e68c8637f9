//! HTTP: one file per resource, OpenAPI, the live event stream.
