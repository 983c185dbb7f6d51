//! A request's body, taken whole within a size and a time.

use std::time::Duration;

use axum::body::{Body, Bytes};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

/// Why there is no body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// It is larger than it may be.
    TooLarge,
    /// It ended early.
    Early,
    /// It took too long to arrive.
    Late,
}

/// Takes a body of at most so many bytes, if it has arrived by then.
///
/// # Errors
/// Why there is none.
pub async fn whole(body: Body, most: usize, wall: Duration) -> Result<Bytes, Cut> {
    match tokio::time::timeout(wall, Limited::new(body, most).collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.downcast_ref::<LengthLimitError>().is_some() => Err(Cut::TooLarge),
        Ok(Err(_)) => Err(Cut::Early),
        Err(_) => Err(Cut::Late),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_has_a_size_and_a_time() {
        let wall = Duration::from_secs(60);
        assert_eq!(whole(Body::from("abc"), 3, wall).await, Ok(Bytes::from("abc")));
        assert_eq!(whole(Body::from("abcd"), 3, wall).await, Err(Cut::TooLarge));
        let never = Body::from_stream(futures_util::stream::pending::<Result<Bytes, std::io::Error>>());
        assert_eq!(whole(never, 3, Duration::from_millis(1)).await, Err(Cut::Late));
        let broken = futures_util::stream::iter([Err::<Bytes, _>(std::io::Error::other("gone"))]);
        assert_eq!(whole(Body::from_stream(broken), 3, wall).await, Err(Cut::Early));
    }
}
