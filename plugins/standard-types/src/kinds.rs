//! The table of kinds: which fields a body may carry and what each of them must look like.
//!
//! A field that is not in the table belongs to the tenant and passes unchanged, within the bounds below.

/// The longest body, in bytes of JSON.
pub const BODY_BYTES: usize = 16 * 1024;
/// The most fields of a body, known and unknown.
pub const FIELDS: usize = 64;
/// The longest `attr`, in bytes of JSON.
pub const ATTR_BYTES: usize = 8 * 1024;

/// What a value must be, and what it becomes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shape {
    /// `http://`, `https://` or a path on this server (`/files/…`).
    Url,
    /// Text of at most so many characters.
    Text(usize),
    /// A media type such as `image/png`.
    Mime,
    /// A whole number from 0 to this one; a string of digits becomes a number.
    Whole(u64),
    /// Seconds, with a fraction if need be; a numeric string becomes a number.
    Seconds,
    /// Degrees, up to this many to either side of 0; a numeric string becomes a number.
    Degrees(u32),
    /// True or false.
    Flag,
    /// Any JSON, untouched, of at most [`ATTR_BYTES`].
    Anything,
}

/// One field of a body.
#[derive(Debug)]
pub struct Field {
    /// Its key.
    pub name: &'static str,
    /// What its value must be.
    pub shape: Shape,
    /// What it means, for the schema.
    pub about: &'static str,
}

/// One kind of message.
#[derive(Debug)]
pub struct Kind {
    /// The name on the wire.
    pub name: &'static str,
    /// How a summary calls it.
    pub label: &'static str,
    /// The known fields.
    pub fields: &'static [Field],
    /// A body must have all the fields of at least one of these groups.
    pub needs: &'static [&'static [&'static str]],
    /// Media types are guessed only if they begin so; `None`: the kind has no media type.
    pub media: Option<&'static str>,
}

const fn field(name: &'static str, shape: Shape, about: &'static str) -> Field {
    Field { name, shape, about }
}

const PIXELS: Shape = Shape::Whole(1_000_000);
const ATTR: Field = field("attr", Shape::Anything, "the sender's own data, handed on as it is");
const HEIGHT: Field = field("height", PIXELS, "height in pixels");
const WIDTH: Field = field("width", PIXELS, "width in pixels");
const THUMB_HEIGHT: Field = field("thumb_height", PIXELS, "height of the thumbnail in pixels");
const THUMB_WIDTH: Field = field("thumb_width", PIXELS, "width of the thumbnail in pixels");
const DURATION: Field = field("duration", Shape::Seconds, "length in seconds");
const ETAG: Field = field("etag", Shape::Text(256), "hash or version of the content");
const MIME: Field = field(
    "mime",
    Shape::Mime,
    "media type; guessed from the name or address if absent",
);
const NAME: Field = field("name", Shape::Text(255), "file name");
const SIZE: Field = field("size", Shape::Whole(1 << 53), "size in bytes");
const TEXT: Field = field("text", Shape::Text(4000), "words that go with it");
const URL: Field = field("url", Shape::Url, "where the content is");

/// Every kind of this plugin.
pub const KINDS: &[Kind] = &[
    Kind {
        name: "image",
        label: "Image",
        fields: &[
            URL,
            field(
                "thumb_url",
                Shape::Url,
                "a smaller picture; the picture itself if absent",
            ),
            WIDTH,
            HEIGHT,
            THUMB_WIDTH,
            THUMB_HEIGHT,
            field(
                "original",
                Shape::Flag,
                "whether the picture is as taken, not reduced before sending",
            ),
            NAME,
            SIZE,
            MIME,
            ETAG,
            TEXT,
            ATTR,
        ],
        needs: &[&["url"], &["text"], &["attr"]],
        media: Some("image/"),
    },
    Kind {
        name: "voice",
        label: "Voice",
        fields: &[URL, DURATION, NAME, SIZE, MIME, ETAG, TEXT, ATTR],
        needs: &[&["url"], &["text"], &["attr"]],
        media: Some("audio/"),
    },
    Kind {
        name: "video",
        label: "Video",
        fields: &[
            URL,
            field("cover_url", Shape::Url, "a still picture to show before it plays"),
            DURATION,
            WIDTH,
            HEIGHT,
            THUMB_WIDTH,
            THUMB_HEIGHT,
            NAME,
            SIZE,
            MIME,
            ETAG,
            TEXT,
            ATTR,
        ],
        needs: &[&["url"], &["text"], &["attr"]],
        media: Some("video/"),
    },
    Kind {
        name: "location",
        label: "Location",
        fields: &[
            field("latitude", Shape::Degrees(90), "degrees north"),
            field("longitude", Shape::Degrees(180), "degrees east"),
            field("name", Shape::Text(255), "name of the place"),
            field("address", Shape::Text(500), "postal address"),
            field("zoom", Shape::Whole(30), "zoom level of a map"),
            field("url", Shape::Url, "a map, or a picture of one"),
            TEXT,
            ATTR,
        ],
        needs: &[
            &["latitude", "longitude"],
            &["name"],
            &["address"],
            &["url"],
            &["text"],
            &["attr"],
        ],
        media: None,
    },
    Kind {
        name: "file",
        label: "File",
        fields: &[URL, NAME, SIZE, MIME, ETAG, TEXT, ATTR],
        needs: &[&["url"], &["etag"], &["text"], &["attr"]],
        media: Some(""),
    },
    Kind {
        name: "card",
        label: "Card",
        fields: &[
            field("user", Shape::Text(64), "uid of the person"),
            field("nickname", Shape::Text(255), "the person's name"),
            field("avatar", Shape::Url, "the person's picture"),
            field("phone", Shape::Text(64), "a telephone number"),
            field("url", Shape::Url, "a page about the person"),
            TEXT,
            ATTR,
        ],
        needs: &[&["user"], &["nickname"], &["phone"], &["url"], &["text"], &["attr"]],
        media: None,
    },
    Kind {
        name: "link",
        label: "Link",
        fields: &[
            field("url", Shape::Url, "where it leads"),
            field("title", Shape::Text(500), "headline"),
            field("description", Shape::Text(2000), "a few lines about it"),
            field("cover_url", Shape::Url, "a picture"),
            field("source", Shape::Text(255), "who publishes it"),
            TEXT,
            ATTR,
        ],
        needs: &[&["url"], &["title"], &["text"], &["attr"]],
        media: None,
    },
];

/// The kind of this name.
pub fn find(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}
