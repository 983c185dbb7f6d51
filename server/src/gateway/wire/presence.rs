//! Presence.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::List;
use crate::model::{self, DeviceId, UserId};

/// Whether a user is connected.
#[derive(Debug, Serialize, ToSchema)]
pub struct Presence<'a> {
    /// Who.
    #[schema(value_type = UserId)]
    pub user: &'a UserId,
    /// Whether there is any connection.
    pub online: bool,
    /// On which devices.
    pub devices: &'a [DeviceId],
}

impl<'a> From<&'a model::Presence> for Presence<'a> {
    fn from(presence: &'a model::Presence) -> Self {
        Self {
            user: &presence.user,
            online: presence.online(),
            devices: &presence.devices,
        }
    }
}

/// Who is connected.
#[derive(Debug, Serialize, ToSchema)]
pub struct PresenceList<'a> {
    /// Each that was asked for.
    pub presence: Vec<Presence<'a>>,
}

/// Whose presence is asked for.
#[derive(Debug, Deserialize)]
pub struct PresenceOf {
    /// They.
    pub users: List<UserId, 100>,
}
