// Build and development settings of the browser surfaces. The built files go to `web/dist`, from
// where the binary embeds them; nothing in them may be fetched from anywhere else.
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

/** Where the development server finds the real one. */
const SERVER = process.env.FENGSUI_DEV_SERVER ?? 'http://127.0.0.1:8119'

export default defineConfig({
  plugins: [vue()],
  define: {
    __VUE_OPTIONS_API__: 'true',
    __VUE_PROD_DEVTOOLS__: 'false',
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
    __VUE_I18N_FULL_INSTALL__: 'false',
    __VUE_I18N_LEGACY_API__: 'false',
    __INTLIFY_PROD_DEVTOOLS__: 'false',
  },
  server: { host: '127.0.0.1', port: 5173, proxy: { '/api': SERVER } },
  preview: { host: '127.0.0.1', port: 4173, proxy: { '/api': SERVER } },
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    // A data: URL would need a wider content policy; everything stays a file.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
    sourcemap: false,
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
})
