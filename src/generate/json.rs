//! JSON text from forms: a serializer that does just what forms need, and knows at a glance that a text needs no escaping.

use std::fmt;

use serde::ser::{self, Impossible, Serialize, SerializeMap, SerializeSeq, Serializer};

/// Appends to a text.
pub(super) struct Json<'o>(pub(super) &'o mut Vec<u8>);

/// What forms never hold.
#[derive(Debug)]
pub(super) struct Unwritable;

impl fmt::Display for Unwritable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a value that JSON does not have")
    }
}

impl std::error::Error for Unwritable {}

impl ser::Error for Unwritable {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Unwritable
    }
}

impl Json<'_> {
    fn string(&mut self, text: &str) -> Result<(), Unwritable> {
        let bytes = text.as_bytes();
        // Without a branch in it, this loop looks at many bytes at once.
        let special =
            bytes.iter().fold(false, |special, byte| special | (*byte < 0x20) | (*byte == b'"') | (*byte == b'\\'));
        if special {
            return self.otherwise(&text);
        }
        self.0.reserve(bytes.len() + 2);
        self.0.push(b'"');
        self.0.extend_from_slice(bytes);
        self.0.push(b'"');
        Ok(())
    }

    /// What is rare is left to the full serializer.
    fn otherwise<T: Serialize>(&mut self, value: &T) -> Result<(), Unwritable> {
        serde_json::to_writer(&mut *self.0, value).map_err(|_| Unwritable)
    }
}

/// A list or an object that is being written.
pub(super) struct Open<'o> {
    out: &'o mut Vec<u8>,
    first: bool,
    end: u8,
}

impl Open<'_> {
    fn separate(&mut self) {
        if !self.first {
            self.out.push(b',');
        }
        self.first = false;
    }
}

impl SerializeSeq for Open<'_> {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        self.separate();
        value.serialize(Json(self.out))
    }

    fn end(self) -> Result<(), Unwritable> {
        self.out.push(self.end);
        Ok(())
    }
}

impl SerializeMap for Open<'_> {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unwritable> {
        self.separate();
        key.serialize(Json(self.out))
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        self.out.push(b':');
        value.serialize(Json(self.out))
    }

    fn end(self) -> Result<(), Unwritable> {
        self.out.push(self.end);
        Ok(())
    }
}

macro_rules! left {
    ($($method:ident($type:ty)),*) => {
        $(fn $method(mut self, value: $type) -> Result<(), Unwritable> {
            self.otherwise(&value)
        })*
    };
}

impl<'o> Serializer for Json<'o> {
    type Ok = ();
    type Error = Unwritable;
    type SerializeSeq = Open<'o>;
    type SerializeTuple = Impossible<(), Unwritable>;
    type SerializeTupleStruct = Impossible<(), Unwritable>;
    type SerializeTupleVariant = Impossible<(), Unwritable>;
    type SerializeMap = Open<'o>;
    type SerializeStruct = Impossible<(), Unwritable>;
    type SerializeStructVariant = Impossible<(), Unwritable>;

    left! {
        serialize_i8(i8), serialize_i16(i16), serialize_i32(i32), serialize_i64(i64), serialize_u8(u8), serialize_u16(u16),
        serialize_u32(u32), serialize_u64(u64), serialize_f32(f32), serialize_f64(f64), serialize_char(char)
    }

    fn serialize_bool(self, value: bool) -> Result<(), Unwritable> {
        self.0.extend_from_slice(if value { b"true" } else { b"false" });
        Ok(())
    }

    fn serialize_str(mut self, text: &str) -> Result<(), Unwritable> {
        self.string(text)
    }

    fn serialize_unit(self) -> Result<(), Unwritable> {
        self.0.extend_from_slice(b"null");
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Unwritable> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Unwritable> {
        value.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Open<'o>, Unwritable> {
        self.0.push(b'[');
        Ok(Open { out: self.0, first: true, end: b']' })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Open<'o>, Unwritable> {
        self.0.push(b'{');
        Ok(Open { out: self.0, first: true, end: b'}' })
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Unwritable> {
        value.serialize(self)
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), Unwritable> {
        Err(Unwritable)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Unwritable> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, _: &'static str) -> Result<(), Unwritable> {
        Err(Unwritable)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), Unwritable> {
        Err(Unwritable)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Unwritable> {
        Err(Unwritable)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, Unwritable> {
        Err(Unwritable)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Unwritable> {
        Err(Unwritable)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeStruct, Unwritable> {
        Err(Unwritable)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Unwritable> {
        Err(Unwritable)
    }
}

#[cfg(test)]
mod tests {
    use serde::Serialize;
    use serde_json::json;

    use super::Json;

    #[test]
    fn it_writes_what_the_full_serializer_writes() {
        let value = json!({
            "plain": "text", "quoted \"": "a\\b\n\u{1}", "wide": "äöü 漢字", "empty": "", "none": null, "yes": true,
            "numbers": [0, -7, 18_446_744_073_709_551_615_u64, 1.5, 1e300, -0.0], "deep": {"list": [[], {}, [{"a": []}]]}
        });
        let mut text = Vec::new();
        value.serialize(Json(&mut text)).unwrap();
        assert_eq!(String::from_utf8(text).unwrap(), value.to_string());
    }
}
