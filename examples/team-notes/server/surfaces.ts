// npm run surfaces: the gate and the app behind it, with a front end that serves nothing.
import { createApp, gate } from "./app.ts";

export { gate };
export const app = createApp({
	scripts: [],
	styles: "",
	policy: {},
	files: (_, next) => next(),
	close: async () => {},
});
