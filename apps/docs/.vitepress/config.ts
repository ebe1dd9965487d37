import { readFileSync } from 'node:fs';
import { type DefaultTheme, defineConfig } from 'vitepress';

/** Written by typedoc from the docstrings of every package, before the site is built. */
const reference = JSON.parse(
  readFileSync(new URL('../reference/typedoc-sidebar.json', import.meta.url), 'utf8'),
) as DefaultTheme.SidebarItem[];

const guide: DefaultTheme.SidebarItem[] = [
  {
    text: 'Start',
    items: [
      { text: 'Quick start', link: '/quick-start' },
      { text: 'Command line', link: '/cli' },
    ],
  },
  {
    text: 'What is computed',
    items: [
      { text: 'Definitions', link: '/definitions' },
      { text: 'Reading the numbers', link: '/reading-numbers' },
      { text: 'Method and accuracy', link: '/method' },
      { text: 'Conventions at kinks', link: '/conventions' },
    ],
  },
  {
    text: 'Guides',
    items: [
      { text: 'Export a model', link: '/guides/export-a-model' },
      { text: 'TensorFlow.js and Keras models', link: '/guides/tensorflow-js' },
      { text: 'Compare two networks', link: '/guides/compare-networks' },
      { text: 'Rows from elsewhere', link: '/guides/rows-from-elsewhere' },
      { text: 'Train a network', link: '/guides/train-a-network' },
      { text: 'Regularize a spectrum', link: '/guides/regularize-a-spectrum' },
      { text: 'Add a metric', link: '/guides/add-a-metric' },
      { text: 'Add a spectrum method', link: '/guides/add-a-spectrum-method' },
      { text: 'Add a backend', link: '/guides/add-a-backend' },
    ],
  },
  { text: 'The project', items: [{ text: 'Architecture', link: '/architecture' }] },
];

export default defineConfig({
  title: 'edjm',
  description:
    'The spectrum of the extended data Jacobian matrix of neural networks, and what follows from it.',
  lang: 'en',
  markdown: { math: true },
  themeConfig: {
    nav: [
      { text: 'Quick start', link: '/quick-start' },
      { text: 'Definitions', link: '/definitions' },
      { text: 'Command line', link: '/cli' },
      { text: 'Reference', link: '/reference/', activeMatch: '/reference/' },
    ],
    sidebar: {
      '/': guide,
      '/reference/': [{ text: 'Packages', link: '/reference/', items: reference }],
    },
    outline: [2, 3],
    search: { provider: 'local' },
  },
});
