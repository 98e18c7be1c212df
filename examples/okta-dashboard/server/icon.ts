/** The app's icon, an SVG document. */
export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0f766e"/><path d="M9 23v-7M16 23V9M23 23v-11" stroke="#fff" stroke-width="3" stroke-linecap="round"/></svg>`;
