// One message for each shipped codec, to be tried: as documents and public code show them.

const GAUGE = 'A55A00002953485250323530393031323034D0000000010100000009C4025D68FFB887025D843E55AA'
const FIRE = '404001000101203A091A090C790300000000385B0100000030000202010101280A000200020020202020202020202020202020202020202020202020202020202020202000023A091A090C462323'

function telecom(serviceData: Record<string, number>): string {
  return JSON.stringify({ messageType: 'dataReport', deviceId: 'acf7baaee65e431eadfb8f5fe50e8b81', timestamp: 1606982320277, protocol: 'lwm2m', payload: { serviceId: 'notification', serviceData } }, null, 1)
}

export const EXAMPLES: Record<string, string> = {
  gb26875: FIRE,
  meokon: GAUGE,
  'nb-door': 'AA5501030A010000000000280C000043',
  'nb-gas': telecom({ gas_sensor_state: 2, valve_state: 2, battery_value: 100, error_code: 0, temperature: 21 }),
  'nb-smoke': telecom({ TData: 30, RSRP: 114, Battery_Level: 100, Alarm_Status: 1 }),
  'nb-smoke-state': telecom({ devState: 1, temperature: 219, signal: 12 }),
}
