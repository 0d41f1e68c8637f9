// Entry of the browser surfaces: login, the duty desk, the office and administration.

import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { whenPasswordDue, whenSessionLost } from './api/client'
import { i18n } from './locale'
import { router } from './router'
import { useSession } from './session'
import './tokens.css'
import './base.css'
import './office.css'

const app = createApp(App)
app.use(createPinia())
app.use(i18n)
app.use(router)

whenSessionLost(() => {
  useSession().set(null)
  const here = router.currentRoute.value
  if (here.name !== 'login') void router.replace({ name: 'login', query: { to: here.fullPath } })
})
whenPasswordDue(() => void router.replace({ name: 'password', query: { to: router.currentRoute.value.fullPath } }))

app.mount('#app')
