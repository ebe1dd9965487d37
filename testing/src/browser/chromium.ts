import { existsSync } from 'node:fs';
import type { Browser } from 'playwright-core';

export type { Browser };

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:/Program Files/Google/Chrome/Application/chrome.exe',
];

/** Where Chromium is: what CHROMIUM_PATH names, or a usual place. */
export const chromiumPath: string | undefined =
  process.env['CHROMIUM_PATH'] ?? places.find((place) => existsSync(place));

/** Starts Chromium with WebGPU and WebGL in software, for machines without a graphics card. */
export async function launchChromium(): Promise<Browser> {
  const { chromium } = await import('playwright-core');
  return chromium.launch({
    ...(chromiumPath !== undefined && { executablePath: chromiumPath }),
    args: [
      '--no-sandbox',
      '--enable-unsafe-webgpu',
      '--enable-features=Vulkan',
      '--use-webgpu-adapter=swiftshader',
      '--use-angle=swiftshader',
      '--enable-unsafe-swiftshader',
    ],
  });
}
