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
    /// Messages of one user in a minute; 0, here and below: no bound.
    pub user_messages_per_minute: u64,
    /// Messages of one app's users in a second.
    pub app_messages_per_second: u64,
    /// Connections of one app on this node.
    pub app_connections: usize,
    /// Connections of one client's address on this node.
    pub address_connections: usize,
    /// Connections that one address opens in a minute.
    pub address_connects_per_minute: u64,
    /// Requests of one address in a minute.
    pub address_requests_per_minute: u64,
    /// Wrong credentials that one address brings in a minute.
    pub address_failures_per_minute: u64,
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

/// What an install may do in a minute; 0: no bound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QuotaLimits {
    /// Messages it sends.
    pub messages_per_minute: u32,
    /// Requests to other servers.
    pub http_per_minute: u32,
    /// Webhooks.
    pub webhooks_per_minute: u32,
    /// Users it makes or changes.
    pub users_per_minute: u32,
    /// Files it keeps or deletes.
    pub files_per_minute: u32,
    /// Events it pushes to a user, and disconnects.
    pub pushes_per_minute: u32,
    /// Changes of messages that are stored.
    pub edits_per_minute: u32,
    /// Conversations it makes, and changes of conversations.
    pub conversations_per_minute: u32,
    /// Friendships and blacklists it changes.
    pub contacts_per_minute: u32,
    /// Tokens and passwords it gives and ends.
    pub credentials_per_minute: u32,
    /// Timers it sets and cancels.
    pub timers_per_minute: u32,
    /// Bytes of its log.
    pub log_bytes_per_minute: u64,
}

/// How durable work is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobLimits {
    /// Conversations whose jobs are done at the same time on this node.
    pub concurrency: usize,
    /// Of those, conversations of one install.
    pub per_install: usize,
    /// Tries before a job is given up and kept as dead.
    pub attempts: u32,
    /// Milliseconds before the second try; each further wait is twice as long.
    pub backoff_ms: u64,
    /// The longest wait between two tries, in milliseconds.
    pub backoff_max_ms: u64,
    /// Given-up jobs of an install that are kept.
    pub dead: u32,
}
