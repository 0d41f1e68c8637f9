// Frames to try the laboratory with, as devices in the field send them: a smoke detector's fire, a
// mains fault of the transmission device, a sign of life, an acknowledgement, and one whose
// checksum does not fit its bytes.

/** One example; `key` names its word in the locale file. */
export interface ExampleFrame {
  key: 'fire' | 'fault' | 'heartbeat' | 'acknowledge' | 'broken'
  hex: string
}

export const EXAMPLE_FRAMES: ExampleFrame[] = [
  {
    key: 'fire',
    hex: '404001000101203A091A090C790300000000385B0100000030000202010101280A000200020020202020202020202020202020202020202020202020202020202020202000023A091A090C462323',
  },
  {
    key: 'fault',
    hex: '404001000101203A091A090C790300000000385B01000000090002150108023A091A090C422323',
  },
  {
    key: 'heartbeat',
    hex: '4040000001010C3B0C1B0C11672B00000000385B01000000000002B52323',
  },
  {
    key: 'acknowledge',
    hex: '404001000101233A091A090C385B01000000790300000000000003AB2323',
  },
  {
    key: 'broken',
    hex: '40406E01010122090D1A03120100000000000000000000013000020201010B280101012308000000000000000000000000000000000000000000000000000000000000000007010D1A0312ED2323',
  },
]
