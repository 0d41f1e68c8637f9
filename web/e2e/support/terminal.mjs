// A fire terminal at the other end of a real TCP socket: builds GB/T 26875.3 frames byte by byte from
// the layout of the standard, sends them, and reads what the gateway answers, cut by length.

import { once } from 'node:events'
import { connect } from 'node:net'

/** Command of an uplink with information, and of its confirmation (GB/T 26875.3 table 2). */
const SEND = 2
export const CONFIRM = 3
/** Component states (GB/T 26875.3 table 6): bit 0 in normal operation, bit 1 fire, bit 2 fault. */
export const NORMAL = 0x0001
export const FIRE = 0x0002
export const FAULT = 0x0004
/** Everything of a frame around its data unit: start, control unit, checksum, end. */
const AROUND = 30
const ANSWER_MS = 10_000
const ZONE_MS = 8 * 3600 * 1000

/** Six bytes: second, minute, hour, day, month, year, by the clock on the wall in China. */
function clock(at) {
  const local = new Date(at.getTime() + ZONE_MS)
  return [local.getUTCSeconds(), local.getUTCMinutes(), local.getUTCHours(), local.getUTCDate(), local.getUTCMonth() + 1, local.getUTCFullYear() % 100]
}
/** An unsigned number in `length` bytes, lowest first. */
function little(value, length) {
  return Array.from({ length }, (_, i) => Number((BigInt(value) >> BigInt(8 * i)) & 0xffn))
}

/**
 * A frame of type 2 (component state of a building fire facility) with one object.
 * @param {{ source: string|number, sequence: number, point: { component_type: number, component_address: number }, status: number, at?: Date }} of
 */
export function stateFrame({ source, sequence, point, status, at = new Date() }) {
  const object = [1, 1, point.component_type, ...little(point.component_address, 4), ...little(status, 2), ...Array(31).fill(0), ...clock(at)]
  const unit = [2, 1, ...object]
  const summed = [...little(sequence, 2), 1, 1, ...clock(at), ...little(source, 6), ...little(0, 6), ...little(unit.length, 2), SEND, ...unit]
  const checksum = summed.reduce((sum, byte) => (sum + byte) & 0xff, 0)
  return Buffer.from([0x40, 0x40, ...summed, checksum, 0x23, 0x23])
}

/** The parts of an answer that a terminal looks at. */
export function readAnswer(bytes) {
  const summed = bytes.subarray(2, bytes.length - 3)
  return {
    bytes,
    start: bytes.toString('hex', 0, 2),
    sequence: bytes.readUInt16LE(2),
    source: bytes.readUIntLE(12, 6),
    destination: bytes.readUIntLE(18, 6),
    length: bytes.readUInt16LE(24),
    command: bytes[26],
    checksumFits: summed.reduce((sum, byte) => (sum + byte) & 0xff, 0) === bytes[bytes.length - 3],
    end: bytes.toString('hex', bytes.length - 2),
  }
}

/** Sends bytes over a connection of their own and reads one answer; fails when nobody answers. */
export async function send(port, bytes) {
  const socket = connect({ host: '127.0.0.1', port })
  socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error('the gateway did not answer')))
  try {
    await once(socket, 'connect')
    socket.write(bytes)
    return readAnswer(await oneFrame(socket))
  } finally {
    socket.destroy()
  }
}

async function oneFrame(socket) {
  let got = Buffer.alloc(0)
  for await (const bytes of socket) {
    got = Buffer.concat([got, bytes])
    if (got.length < AROUND) continue
    const whole = AROUND + got.readUInt16LE(24)
    if (got.length >= whole) return got.subarray(0, whole)
  }
  throw new Error(`the connection ended after ${got.length} bytes`)
}
