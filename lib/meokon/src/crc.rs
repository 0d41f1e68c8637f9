//! CRC-16 as Modbus has it: begins with FFFF, polynomial 8005, bits reflected.

/// The checksum of bytes.
pub(crate) fn modbus(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |crc, byte| (0..8).fold(crc ^ u16::from(*byte), |crc, _| step(crc)))
}

fn step(crc: u16) -> u16 {
    let shifted = crc >> 1;
    if crc & 1 == 1 { shifted ^ 0xA001 } else { shifted }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_check_value_of_the_catalogue() {
        assert_eq!(super::modbus(b"123456789"), 0x4B37);
    }
}
