import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const web = fileURLToPath(new URL("web", import.meta.url));

export default defineConfig({
	// The server's sources lie outside: Vite serves this folder and nothing else.
	root: web,
	// Everything of the front end, Vite's own modules included, so that one asset pattern covers it:
	// see server/app.ts.
	base: "/web/",
	cacheDir: `${web}/.tmp`,
	publicDir: false,
	plugins: [react()],
	server: { fs: { allow: [web] } },
	optimizeDeps: {
		entries: ["main.tsx"],
		include: ["react", "react-dom/client", "react/jsx-dev-runtime", "portcullis/react"],
		// Vite does not notice that a package of the same repository was built anew.
		force: true,
	},
	build: {
		outDir: fileURLToPath(new URL("dist", import.meta.url)),
		emptyOutDir: true,
		manifest: true,
		// Inlined files would be data: URLs, which the content security policy does not let in.
		assetsInlineLimit: 0,
		rolldownOptions: { input: [`${web}/main.tsx`, `${web}/styles.css`] },
	},
});
