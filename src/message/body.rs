//! What follows the head of a message.

use std::time::Duration;

use bytes::Bytes;

/// The content of a message (RFC 9110 §6.4).
///
/// Non-exhaustive: event streams and upgraded connections are to come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Body {
    /// No content.
    #[default]
    Empty,
    /// Content that is wholly in memory.
    Whole(Bytes),
    /// Pieces, each sent after its wait.
    Sequence(Vec<(Duration, Bytes)>),
}

impl Body {
    /// The content's length in bytes.
    pub fn len(&self) -> usize {
        match self {
            Body::Empty => 0,
            Body::Whole(bytes) => bytes.len(),
            Body::Sequence(pieces) => pieces.iter().map(|(_, bytes)| bytes.len()).sum(),
        }
    }

    /// Whether there is not a single byte.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The content in one piece; free of copying unless it is a sequence.
    pub fn bytes(&self) -> Bytes {
        match self {
            Body::Empty => Bytes::new(),
            Body::Whole(bytes) => bytes.clone(),
            Body::Sequence(pieces) => {
                let mut whole = Vec::with_capacity(self.len());
                for (_, bytes) in pieces {
                    whole.extend_from_slice(bytes);
                }
                whole.into()
            }
        }
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        if bytes.is_empty() { Body::Empty } else { Body::Whole(bytes) }
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Bytes::from(text).into()
    }
}
