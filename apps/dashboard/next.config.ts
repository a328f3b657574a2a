import type { NextConfig } from 'next';

/** Static files only: the api-gateway serves `out/` at `/`. */
const config: NextConfig = {
  output: 'export',
  // The compiler installed here has no programming interface for Next; `npm run check` checks the types.
  typescript: { ignoreBuildErrors: true },
  transpilePackages: ['@monsta/client', '@monsta/contracts', '@monsta/core'],
  reactStrictMode: true,
  poweredByHeader: false,
  devIndicators: false,
};

export default config;
