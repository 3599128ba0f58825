#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| dolmen_fuzz::words_map::run(input));
