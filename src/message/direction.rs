//! Which way a message travels.

/// Requests and responses share one shape (content, fields, schemas); where they differ, this says which it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From client to server: members marked `readOnly` are not required.
    Request,
    /// From server to client: members marked `writeOnly` must not appear.
    Response,
}
