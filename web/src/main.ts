// Entry of the browser surfaces: login, the duty desk, the office and administration.

import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { whenPasswordDue } from './api/client'
import { useLive } from './live'
import { i18n } from './locale'
import { applyTextSize, textSize } from './login/textsize'
import { router } from './router'
import { useSession } from './session'
import { somethingTyped } from './ui/typed'
import './tokens.css'
import './base.css'
import './office.css'

const app = createApp(App)
app.use(createPinia())
app.use(i18n)
app.use(router)
applyTextSize(textSize())

useLive().onSessionLost(() => {
  const here = router.currentRoute.value
  const session = useSession()
  if (here.name === 'login') return
  // A desk keeps its display and its bell, a page what was typed on it: both ask for the password where they are.
  if (session.session && (here.meta.theme === 'dark' || somethingTyped())) {
    session.expired = true
    return
  }
  session.set(null)
  void router.replace({ name: 'login', query: { to: here.fullPath } })
})
whenPasswordDue(() => void router.replace({ name: 'password', query: { to: router.currentRoute.value.fullPath } }))

app.mount('#app')
