//! WebSocket frames as a client writes and reads them, without copies: the load must cost less than what it measures.

use anyhow::bail;

/// Text data.
pub const TEXT: u8 = 0x1;
/// The server closes.
pub const CLOSE: u8 = 0x8;
/// The server asks for a pong with the same payload.
pub const PING: u8 = 0x9;
/// The answer to a ping.
pub const PONG: u8 = 0xA;

/// Longer frames than this are not expected from any server under test.
const MOST_BYTES: u64 = 4 * 1024 * 1024;

/// One whole frame at the start of a buffer.
#[derive(Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    pub opcode: u8,
    pub payload: &'a [u8],
    /// Bytes of the frame with its header.
    pub length: usize,
}

/// Appends a frame with a masking key of zeros: valid, the same work for the server, and no work for the load.
pub fn write(opcode: u8, payload: &[u8], out: &mut Vec<u8>) {
    out.push(0x80 | opcode);
    match payload.len() {
        length @ 0..=125 => out.push(0x80 | length as u8),
        length @ 126..=0xFFFF => {
            out.push(0x80 | 126);
            out.extend_from_slice(&(length as u16).to_be_bytes());
        }
        length => {
            out.push(0x80 | 127);
            out.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(payload);
}

/// The first frame of `bytes`, or none while it is incomplete. Servers do not mask.
pub fn read(bytes: &[u8]) -> anyhow::Result<Option<Frame<'_>>> {
    let [first, second, rest @ ..] = bytes else {
        return Ok(None);
    };
    let (header, length) = match (second & 0x7F, rest) {
        (126, [high, low, ..]) => (4, u64::from(u16::from_be_bytes([*high, *low]))),
        (127, [a, b, c, d, e, f, g, h, ..]) => (10, u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h])),
        (126 | 127, _) => return Ok(None),
        (length, _) => (2, u64::from(length)),
    };
    if second & 0x80 != 0 || length > MOST_BYTES {
        bail!("not a frame of a server: {first:#04x} {second:#04x}, {length} bytes");
    }
    let whole = header + length as usize;
    let Some(payload) = bytes.get(header..whole) else {
        return Ok(None);
    };
    Ok(Some(Frame {
        opcode: first & 0x0F,
        payload,
        length: whole,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a server would send: no mask.
    fn unmasked(opcode: u8, payload: &[u8]) -> Vec<u8> {
        let mut masked = Vec::new();
        write(opcode, payload, &mut masked);
        let key = masked.len() - payload.len() - 4;
        masked.drain(key..key + 4);
        masked[1] &= 0x7F;
        masked
    }

    #[test]
    fn every_length_form_comes_back() {
        for length in [0, 1, 125, 126, 65_535, 65_536] {
            let payload = vec![b'x'; length];
            let bytes = unmasked(TEXT, &payload);
            let frame = read(&bytes).unwrap().unwrap();
            assert_eq!(
                (frame.opcode, frame.payload.len(), frame.length),
                (TEXT, length, bytes.len())
            );
        }
    }

    #[test]
    fn every_prefix_is_incomplete() {
        let bytes = unmasked(PING, &[7; 300]);
        for end in 0..bytes.len() {
            assert_eq!(read(&bytes[..end]).unwrap(), None);
        }
    }

    #[test]
    fn two_frames_are_read_one_after_the_other() {
        let mut bytes = unmasked(TEXT, b"one");
        bytes.extend(unmasked(TEXT, b"two"));
        let first = read(&bytes).unwrap().unwrap();
        assert_eq!(first.payload, b"one");
        assert_eq!(read(&bytes[first.length..]).unwrap().unwrap().payload, b"two");
    }

    #[test]
    fn masked_or_huge_frames_are_refused() {
        assert!(read(&[0x81, 0x80, 0, 0, 0, 0]).is_err());
        assert!(read(&[0x81, 127, 0xFF, 0, 0, 0, 0, 0, 0, 0]).is_err());
    }
}
