//! Ids, names and bodies as JSON: what is read is checked by the constructors of the model, so that a bad one is a bad
//! field with the model's own words.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::value::RawValue;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, Type};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use crate::model::{
    AppId, Body, ConnectionId, ConversationId, ConversationKind, Cursor, DeviceId, FileId, Kind, MessageId, Millis,
    Nonce, PluginName, Role, Seq, SlashName, UserId,
};

/// The greatest integer that every JSON reader can hold.
const MAX: u64 = (1 << 53) - 1;

macro_rules! schema {
    ($name:ident, $build:expr) => {
        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                $build.into()
            }
        }
        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                stringify!($name).into()
            }
        }
    };
}

macro_rules! number {
    ($($name:ident)*) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_u64(self.get())
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                Self::new(u64::deserialize(from)?).map_err(D::Error::custom)
            }
        }
        schema!($name, ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1_u64)).maximum(Some(MAX)));
    )*};
}

macro_rules! counter {
    ($($name:ident)*) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_u64(self.0)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                match u64::deserialize(from)? {
                    value if value <= MAX => Ok(Self(value)),
                    _ => Err(D::Error::custom("must be an integer from 0 to 9007199254740991")),
                }
            }
        }
        schema!($name, ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0_u64)).maximum(Some(MAX)));
    )*};
}

/// Reads a string by a function, without keeping a copy of its own.
struct Text<T, F>(F, PhantomData<T>);

impl<T, F: Fn(&str) -> Result<T, X>, X: fmt::Display> Visitor<'_> for Text<T, F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        (self.0)(text).map_err(E::custom)
    }
}

macro_rules! text {
    ($($name:ident)*) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.as_str())
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                from.deserialize_str(Text($name::new, PhantomData))
            }
        }
        schema!(
            $name,
            ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some($name::MAX))
        );
    )*};
}

macro_rules! choice {
    ($name:ident: $words:literal, $($variant:ident = $text:literal),*) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(match self { $(Self::$variant => $text),* })
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let choose = |text: &str| match text {
                    $($text => Ok(Self::$variant),)*
                    _ => Err(concat!("must be one of ", $words)),
                };
                from.deserialize_str(Text(choose, PhantomData))
            }
        }
        schema!($name, ObjectBuilder::new().schema_type(Type::String).enum_values(Some([$($text),*])));
    };
}

number!(AppId ConversationId MessageId ConnectionId);
counter!(Seq Cursor);
text!(UserId DeviceId FileId Nonce Kind PluginName SlashName);
choice!(ConversationKind: "direct, temporary, group, chatroom",
    Direct = "direct", Temporary = "temporary", Group = "group", Chatroom = "chatroom");
choice!(Role: "owner, admin, member", Owner = "owner", Admin = "admin", Member = "member");

impl Serialize for Millis {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i64(self.0)
    }
}

impl<'de> Deserialize<'de> for Millis {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match i64::deserialize(from)? {
            value if (0..=MAX.cast_signed()).contains(&value) => Ok(Self(value)),
            _ => Err(D::Error::custom("must be a time in milliseconds since 1970-01-01 UTC")),
        }
    }
}

schema!(
    Millis,
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .description(Some("milliseconds since 1970-01-01 UTC"))
);

impl Serialize for Body {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        serde_json::from_str::<&RawValue>(self.as_str())
            .map_err(serde::ser::Error::custom)?
            .serialize(to)
    }
}

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        <&RawValue>::deserialize(from).map(|raw| Self::trusted(raw.get()))
    }
}

schema!(
    Body,
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some("any JSON object"))
);

/// A list of at most `MAX` things.
#[derive(Debug, Clone)]
pub struct List<T, const MAX: usize>(pub Vec<T>);

impl<T, const MAX: usize> Default for List<T, MAX> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>, const MAX: usize> Deserialize<'de> for List<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Items<T, const MAX: usize>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>, const MAX: usize> Visitor<'de> for Items<T, MAX> {
            type Value = List<T, MAX>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Self::Value, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = from.next_element()? {
                    if items.len() == MAX {
                        return Err(A::Error::custom(format_args!("must have at most {MAX} items")));
                    }
                    items.push(item);
                }
                Ok(List(items))
            }
        }
        from.deserialize_seq(Items(PhantomData))
    }
}

impl<T: ToSchema, const MAX: usize> PartialSchema for List<T, MAX> {
    fn schema() -> RefOr<Schema> {
        ArrayBuilder::new()
            .items(RefOr::<Schema>::Ref(Ref::from_schema_name(T::name())))
            .max_items(Some(MAX))
            .into()
    }
}

impl<T: ToSchema, const MAX: usize> ToSchema for List<T, MAX> {
    fn name() -> Cow<'static, str> {
        format!("ListOf{MAX}{}", T::name()).into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
    }
}

/// How many items a page may have: from 1 to `MAX`, and `DEFAULT` if nothing is said.
#[derive(Debug, Clone, Copy)]
pub struct PageSize<const DEFAULT: u32, const MAX: u32>(pub u32);

impl<const DEFAULT: u32, const MAX: u32> Default for PageSize<DEFAULT, MAX> {
    fn default() -> Self {
        Self(DEFAULT)
    }
}

impl<'de, const DEFAULT: u32, const MAX: u32> Deserialize<'de> for PageSize<DEFAULT, MAX> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match u32::deserialize(from)? {
            size if (1..=MAX).contains(&size) => Ok(Self(size)),
            _ => Err(D::Error::custom(format_args!("must be from 1 to {MAX}"))),
        }
    }
}
