/** Tailwind turns the classes that the components use into one stylesheet. */
const config = { plugins: { '@tailwindcss/postcss': {} } };

export default config;
