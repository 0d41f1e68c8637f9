// The shapes of 消息通道, from the generated schema.

import type { components } from '../api/schema'

type Schemas = components['schemas']
export type Channel = Schemas['Channel']
export type ChannelList = Schemas['ChannelList']
export type DriverForm = Schemas['DriverForm']
export type Message = Schemas['Message']
