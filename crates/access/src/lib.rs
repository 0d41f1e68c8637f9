//! Posts (岗位), scope and who may do what, with the reason.
