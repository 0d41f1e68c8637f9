// The server's present time, one minute at a time: for words such as 逾期 3 小时 5 分 that are made on the page.

import { onScopeDispose, ref, type Ref } from 'vue'
import { useLive } from '../live'

const MINUTE_MS = 60_000

export function useMinute(): Readonly<Ref<number>> {
  const live = useLive()
  const now_ms = ref(live.now_ms)
  const timer = setInterval(() => (now_ms.value = live.now_ms), MINUTE_MS)
  onScopeDispose(() => clearInterval(timer))
  return now_ms
}
