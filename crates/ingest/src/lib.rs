//! Device listeners: sockets to codec to one app call to acknowledgement.
