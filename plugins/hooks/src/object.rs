//! A JSON object that keeps the order its fields were given in, so that answers read as the document prints them.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};
use std::fmt;

/// Fields in order, each name once.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Object(Vec<(String, Field)>);

#[derive(Debug, Clone, PartialEq)]
enum Field {
    Value(Value),
    Object(Object),
}

impl Object {
    /// Without a field.
    pub fn new() -> Self {
        Self::default()
    }

    /// With a field; one of this name is replaced where it stands.
    #[must_use]
    pub fn with(self, name: &str, value: impl Into<Value>) -> Self {
        self.set(name, Field::Value(value.into()))
    }

    /// With an object as a field.
    #[must_use]
    pub fn with_object(self, name: &str, object: Self) -> Self {
        self.set(name, Field::Object(object))
    }

    /// With all of these, in their order.
    #[must_use]
    pub fn with_all(mut self, fields: &Map<String, Value>) -> Self {
        for (name, value) in fields {
            self = self.with(name, value.clone());
        }
        self
    }

    fn set(mut self, name: &str, value: Field) -> Self {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, field)) => *field = value,
            None => self.0.push((name.to_owned(), value)),
        }
        self
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Self {
        let fields = object.0.into_iter().map(|(name, field)| match field {
            Field::Value(value) => (name, value),
            Field::Object(object) => (name, object.into()),
        });
        Self::Object(fields.collect())
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, field) in &self.0 {
            match field {
                Field::Value(value) => map.serialize_entry(name, value)?,
                Field::Object(object) => map.serialize_entry(name, object)?,
            }
        }
        map.end()
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Keys are texts, the one thing that could have no JSON form.
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn order_is_kept_and_names_are_unique() {
        let own = json!({ "a": 1, "sign": "forged" });
        let object = Object::new()
            .with("z", 1)
            .with_all(own.as_object().unwrap())
            .with("sign", "real");
        assert_eq!(object.to_string(), r#"{"z":1,"a":1,"sign":"real"}"#);
        let nested = Object::new().with_object("info", object.clone());
        assert_eq!(
            Value::from(nested),
            json!({ "info": { "z": 1, "a": 1, "sign": "real" } })
        );
    }
}
