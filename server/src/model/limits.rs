//! The bounds of what clients may ask for: each is a key of the configuration's `[limits]`.

/// Bounds on rooms, pages, frames and queues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a WebSocket frame from a client.
    pub frame_bytes: usize,
    /// Bytes of a REST body.
    pub body_bytes: usize,
    /// Bytes of a message's body.
    pub message_bytes: usize,
    /// Sends of one connection that wait for their ack.
    pub unacknowledged: usize,
    /// Frames that wait in a connection's queue before it is closed as too slow.
    pub connection_queue: usize,
    /// Deliveries that wait for a dialect of an app before its connections are closed.
    pub dialect_queue: usize,
    /// Connections of one user.
    pub connections_per_user: usize,
    /// Members of a group or temporary conversation.
    pub group_members: usize,
    /// Members of a chatroom.
    pub chatroom_members: usize,
    /// Events that a resuming connection is sent before it is told to fetch.
    pub resume_events: u32,
    /// Members up to which everyone hears of a read mark.
    pub receipt_audience: usize,
    /// Bytes of a request to a plugin's endpoint, and of its answer.
    pub endpoint_body_bytes: usize,
    /// Hours for which it is known what a command came to, so that sending its message again does nothing twice.
    pub command_hours: u32,
    /// Milliseconds without a frame before a connection is closed.
    pub idle_timeout_ms: u64,
    /// Milliseconds a connection may take to log in.
    pub login_timeout_ms: u64,
}

/// What may be uploaded, and what is kept of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileLimits {
    /// Bytes of one file.
    pub file_bytes: u64,
    /// Files in one request.
    pub files_per_request: usize,
    /// All files of one app together, in MiB.
    pub app_megabytes: u64,
    /// Days after which a file goes; 0: it stays.
    pub keep_days: u32,
    /// Pixels of a picture that is decoded to make a smaller one.
    pub picture_pixels: u64,
    /// Width and height of the smaller picture at most.
    pub thumb_pixels: u32,
    /// Pictures that are decoded at the same time.
    pub decoders: usize,
}
