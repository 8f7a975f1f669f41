//! How the streams of a PDF are packed (ISO 32000-1 §7.4.4): deflated, and before that, at will, each row
//! written as its difference to its neighbours.
//!
//! What comes out is bounded by the size of the file and by [`limits::MAX_PDF_OBJECT_BYTES`].

use flate2::{Decompress, FlushDecompress, Status};

use crate::mail::limits;

/// What was said of the coming stream.
#[derive(Debug, Default)]
pub struct Dictionary {
    pub filters: usize,
    pub other_filters: usize,
    pub predictor: usize,
    pub columns: Option<usize>,
    pub colors: Option<usize>,
    pub bits: Option<usize>,
}

/// Inflates the streams of one file.
#[derive(Debug)]
pub struct Inflater {
    /// Bytes that may still come out, and go into the attempt.
    room: usize,
    work: usize,
    /// More would have come out.
    pub swells: bool,
    /// So much went into attempts that one was cut short.
    pub starved: bool,
    state: Decompress,
    buffer: Vec<u8>,
}

impl Inflater {
    pub fn new(size: usize) -> Self {
        Self {
            room: most_of(size),
            // Each byte once, and what failed once more.
            work: size.saturating_mul(2).saturating_add(limits::MIN_PDF_OBJECT_BYTES),
            swells: false,
            starved: false,
            state: Decompress::new(true),
            buffer: vec![0; 32 * 1_024],
        }
    }

    /// What was deflated (RFC 1950, RFC 1951), as far as it goes; `None` where it was not.
    pub fn inflated(&mut self, data: &[u8]) -> Option<Vec<u8>> {
        let with_header = self.inflate(data, true);
        // Some readers take no notice of the two bytes in front.
        with_header.or_else(|| self.inflate(data.get(2..)?, false))
    }

    fn inflate(&mut self, data: &[u8], header: bool) -> Option<Vec<u8>> {
        let whole = data.len();
        let data = &data[..whole.min(self.work)];
        let mut out = Vec::new();
        self.state.reset(header);
        let ended = loop {
            let (read, written) = (taken(self.state.total_in()), taken(self.state.total_out()));
            if out.len() == self.room {
                self.swells = true;
                break false;
            }
            let status = self.state.decompress(&data[read..], &mut self.buffer, FlushDecompress::None);
            let new = taken(self.state.total_out()) - written;
            out.extend_from_slice(&self.buffer[..new.min(self.room - out.len())]);
            match status {
                Ok(Status::StreamEnd) => break true,
                Ok(_) if new > 0 || taken(self.state.total_in()) > read => {}
                _ => break false,
            }
        };
        self.starved |= !ended && data.len() < whole;
        self.work = self.work.saturating_sub(taken(self.state.total_in()).max(ATTEMPT));
        self.room -= out.len();
        (ended || !out.is_empty()).then_some(out)
    }
}

/// What may come out of a file of that size.
pub fn most_of(size: usize) -> usize {
    let room = size.saturating_mul(limits::MAX_PDF_SWELLING).saturating_add(limits::MIN_PDF_OBJECT_BYTES);
    room.min(limits::MAX_PDF_OBJECT_BYTES)
}

/// What an attempt costs at least, in bytes that could have been read instead.
const ATTEMPT: usize = 128;

fn taken(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

impl Dictionary {
    /// The rows before they were written as differences (§7.4.4.4, PNG §9).
    pub fn unpredicted(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let (colors, bits) = (self.colors.unwrap_or(1), self.bits.unwrap_or(8));
        let pixel_bits = colors.checked_mul(bits).filter(|bits| *bits > 0)?;
        let width = pixel_bits.checked_mul(self.columns.unwrap_or(1))?.div_ceil(8);
        if width == 0 || width > bytes.len() {
            return None;
        }
        let pixel = pixel_bits.div_ceil(8);
        let mut out: Vec<u8> = Vec::with_capacity(bytes.len());
        let mut above = vec![0_u8; width];
        for row in bytes.chunks(width + 1) {
            let from = out.len();
            for (i, byte) in row[1..].iter().enumerate() {
                let left = if i >= pixel { out[from + i - pixel] } else { 0 };
                let corner = if i >= pixel { above[i - pixel] } else { 0 };
                let expected = match row[0] {
                    0 => 0,
                    1 => left,
                    2 => above[i],
                    3 => left.midpoint(above[i]),
                    4 => paeth(left, above[i], corner),
                    _ => return None,
                };
                out.push(byte.wrapping_add(expected));
            }
            let row = &out[from..];
            above[..row.len()].copy_from_slice(row);
        }
        Some(out)
    }
}

/// PNG §9.4.
fn paeth(left: u8, above: u8, corner: u8) -> u8 {
    let [a, b, c] = [left, above, corner].map(i16::from);
    let estimate = a + b - c;
    let [from_left, from_above, from_corner] = [a, b, c].map(|each| (estimate - each).abs());
    if from_left <= from_above && from_left <= from_corner {
        left
    } else if from_above <= from_corner {
        above
    } else {
        corner
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_differences_are_undone() {
        let dictionary = Dictionary { columns: Some(3), ..Dictionary::default() };
        // PNG §9: none, sub, up, average, Paeth.
        let rows = b"\0abc\x01a\x01\x01\x02\0\0\0\x03\x31\x01\x01\x04\0\0\0";
        assert_eq!(dictionary.unpredicted(rows).unwrap(), b"abcabcabcabcabc");
        assert_eq!(dictionary.unpredicted(b"\x09abc"), None);
        let wide = Dictionary { columns: Some(usize::MAX), colors: Some(9), ..Dictionary::default() };
        assert_eq!(wide.unpredicted(rows), None);
    }
}
