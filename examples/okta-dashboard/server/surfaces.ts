// npm run surfaces: the gate and the app behind it, with a front end that serves nothing.
import { createApp, gate } from "./app.ts";

export { gate };
export const app = createApp({
	isDevelopment: false,
	build: () => Promise.reject(new Error("There is no front end")),
	files: (_, next) => next(),
	close: async () => {},
});
