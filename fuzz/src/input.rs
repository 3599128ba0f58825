//! Reading the fuzzer's bytes.

use arbitrary::Unstructured;

/// What is left of an input.
pub struct Input<'a>(Unstructured<'a>);

impl<'a> Input<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Input(Unstructured::new(bytes))
    }

    pub fn is_over(&self) -> bool {
        self.0.is_empty()
    }

    /// The next byte; 0 when the input is over.
    pub fn byte(&mut self) -> u8 {
        self.0.arbitrary().unwrap_or(0)
    }

    pub fn flag(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    pub fn word(&mut self) -> u16 {
        u16::from_le_bytes([self.byte(), self.byte()])
    }

    pub fn long(&mut self) -> u64 {
        u64::from_le_bytes([(); 8].map(|()| self.byte()))
    }

    /// A number below `n`, of one byte if that is enough.
    pub fn below(&mut self, n: usize) -> usize {
        let number = if n <= 256 { usize::from(self.byte()) } else { usize::from(self.word()) };
        number % n
    }

    /// A number whose size is as likely to be small as large.
    pub fn magnitude(&mut self) -> usize {
        let bits = self.byte() % 65;
        let number = self.long();
        if bits == 0 { 0 } else { (number >> (64 - bits)) as usize }
    }

    /// All that is left.
    pub fn rest(mut self) -> &'a [u8] {
        let left = self.0.len();
        self.0.bytes(left).expect("as many as there are")
    }
}
