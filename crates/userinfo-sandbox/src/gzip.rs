//! Just enough of RFC 1951 and 1952 to compress a run of blanks and to wrap bytes.

/// A gzip stream of `blanks` spaces and then these bytes: JSON stays JSON, however large the run is.
pub(crate) fn encode(blanks: usize, bytes: &[u8]) -> Vec<u8> {
    let runs = blanks.saturating_sub(1) / 258;
    let blanks = if blanks == 0 { 0 } else { 1 + runs * 258 };
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    if blanks > 0 {
        out.extend(run_of_blanks(runs));
    }
    let mut blocks = bytes.chunks(0xffff).peekable();
    if blocks.peek().is_none() {
        out.extend([1, 0, 0, 0xff, 0xff]);
    }
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        out.push(u8::from(blocks.peek().is_none()));
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(block);
    }
    let table = crc_table();
    let crc = std::iter::repeat_n(&b' ', blanks)
        .chain(bytes)
        .fold(!0_u32, |crc, byte| table[usize::from(crc.to_le_bytes()[0] ^ byte)] ^ (crc >> 8));
    out.extend((!crc).to_le_bytes());
    let length = (blanks + bytes.len()) & 0xffff_ffff;
    out.extend(u32::try_from(length).unwrap_or_default().to_le_bytes());
    out
}

/// A block of fixed codes: a space, `runs` times "258 bytes from one byte back", the end; then an empty stored
/// block, so that what follows begins on a byte.
fn run_of_blanks(runs: usize) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.low_first(0, 1);
    bits.low_first(1, 2);
    bits.high_first(0x30 + u32::from(b' '), 8);
    for _ in 0..runs {
        bits.high_first(0b1100_0101, 8);
        bits.high_first(0, 5);
    }
    bits.high_first(0, 7);
    bits.low_first(0, 3);
    let mut out = bits.finish();
    out.extend([0, 0, 0xff, 0xff]);
    out
}

#[derive(Debug, Default)]
struct Bits {
    out: Vec<u8>,
    byte: u8,
    used: u32,
}

impl Bits {
    fn push(&mut self, bit: bool) {
        self.byte |= u8::from(bit) << self.used;
        self.used += 1;
        if self.used == 8 {
            self.out.push(std::mem::take(&mut self.byte));
            self.used = 0;
        }
    }

    fn low_first(&mut self, value: u32, count: u32) {
        (0..count).for_each(|it| self.push(value >> it & 1 == 1));
    }

    fn high_first(&mut self, value: u32, count: u32) {
        (0..count).rev().for_each(|it| self.push(value >> it & 1 == 1));
    }

    fn finish(mut self) -> Vec<u8> {
        if self.used > 0 {
            self.out.push(self.byte);
        }
        self.out
    }
}

fn crc_table() -> [u32; 256] {
    let mut table = [0; 256];
    for (entry, byte) in table.iter_mut().zip(0_u32..) {
        *entry = (0..8).fold(byte, |crc, _| if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 });
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_wrapped_as_gzip_does() {
        // `printf hello | gzip` has the same checksum and length.
        let stream = encode(0, b"hello");
        assert_eq!(stream[..4], [0x1f, 0x8b, 8, 0]);
        assert_eq!(stream[stream.len() - 8..], [0x86, 0xa6, 0x10, 0x36, 5, 0, 0, 0]);
    }

    #[test]
    fn a_bomb_is_small() {
        let stream = encode(16 << 20, b"{}");
        assert!(stream.len() < 110_000, "{}", stream.len());
    }
}
