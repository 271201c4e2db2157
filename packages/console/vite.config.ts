import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

/** Browsers load no modules from file://, where an exported run is opened: one classic script instead, after the page. */
const classicScript = (): Plugin => ({
  name: 'classic-script',
  transformIndexHtml: {
    order: 'post',
    handler: (html) =>
      html.replace('<script type="module" crossorigin', '<script defer').replace(/(<link[^>]*?) crossorigin/g, '$1'),
  },
})

const server = 'http://127.0.0.1:5000'

export default defineConfig({
  base: './',
  plugins: [react(), classicScript()],
  build: {
    outDir: '../fivefold/dist/console',
    emptyOutDir: true,
    target: ['chrome125', 'firefox128', 'safari17.5'],
    modulePreload: false,
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    rolldownOptions: { output: { format: 'iife' } },
  },
  server: {
    proxy: {
      '/ajax-api': server,
      '/get-artifact': server,
      '/model-versions': server,
      '/console.json': server,
      '/serving': server,
    },
  },
})
