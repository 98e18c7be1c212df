// npm run dev, npm start
import { startApi } from "../api/start.ts";

const production = process.argv.includes("--production");
process.env.NODE_ENV = production ? "production" : "development";

// A service beside it, where the provider makes tokens for one. Elsewhere DEVICES_API says where it
// is.
const api = process.env.DEVICES_API === undefined ? await startApi(process.env) : undefined;
if (api) process.env.DEVICES_API = api.url;

// After that: the gate and React read the environment when they are loaded.
const { startApp } = await import("./listen.ts");
const { url, close } = await startApp({
	port: Number(process.env.PORT ?? 3000),
	development: !production,
});
console.log(`The dashboard is at ${url}`);
if (api) console.log(`The device service is at ${api.url}`);

for (const signal of ["SIGINT", "SIGTERM"] as const)
	process.once(signal, () => {
		api?.close();
		void close().then(() => process.exit(0));
	});
