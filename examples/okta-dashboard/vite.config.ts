import { fileURLToPath } from "node:url";
import { reactRouter } from "@react-router/dev/vite";
import { defineConfig } from "vite";

const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

export default defineConfig({
	root: pathOf("."),
	// Everything of the front end, Vite's own modules included, so that one asset pattern covers it:
	// see server/gate.ts.
	base: "/web/",
	cacheDir: pathOf(".tmp/vite"),
	publicDir: false,
	plugins: [reactRouter()],
	// What Vite may hand to a browser in development, and so to everybody who reaches it: no server
	// sources, no `.env`.
	server: {
		fs: {
			allow: [
				"app",
				"shared",
				".tmp/vite",
				"../../node_modules",
				"../../packages/portcullis/dist",
			].map(pathOf),
		},
	},
	optimizeDeps: { include: ["@visx/scale", "@visx/shape"] },
	// Inlined files would be data: URLs, which the content security policy does not let in.
	build: { assetsInlineLimit: 0 },
});
