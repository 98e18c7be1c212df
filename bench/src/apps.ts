import { Hono } from "hono";
import { portcullis } from "portcullis";
import { access, protect } from "portcullis/hono";

/** What a server process serves. */
export type AppName = "plain" | "middleware" | "gate";

/** What every route answers: small, so that the guard's share shows. */
const ANSWER = { notes: ["Buy milk", "Call Grace", "Water the plants"], unread: 3 };

/**
 * The same route without Portcullis, below one middleware that does nothing, and behind the gate
 * (guarded and public).
 */
export function createApp(name: AppName): Hono {
	if (name === "plain") return new Hono().get("/notes", (c) => c.json(ANSWER));
	if (name === "middleware") {
		const app = new Hono();
		app.use("*", (_, next) => next());
		return app.get("/notes", (c) => c.json(ANSWER));
	}
	const gate = portcullis({ extraScopes: ["offline_access", "groups"] }).gate();
	const app = protect(new Hono(), gate);
	app.get("/notes", (c) => c.json(ANSWER));
	app.get("/public", access(false), (c) => c.json(ANSWER));
	return app as unknown as Hono;
}
