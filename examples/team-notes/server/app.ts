import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { User } from "portcullis";
import { page, protect, type UserVariables } from "portcullis/hono";
import type { PageName } from "../shared/types.ts";
import { kit } from "./auth.ts";
import { isAdmin } from "./authz.ts";
import { documentHeaders, renderDocument } from "./document.ts";
import type { FrontEnd } from "./front-end.ts";
import { icon } from "./icon.ts";
import { Notes } from "./notes.ts";
import { viewerOf } from "./viewer.ts";

/** Everything is shut to anonymous callers but what stands here. */
export const gate = kit.gate({
	pages: {
		"/": { auth: false },
		"/admin/*": { auth: isAdmin },
		"/api/admin/*": { auth: isAdmin },
	},
	assets: ["/web/*", "/favicon.ico"],
});

/** The app behind its gate. Nothing below looks at cookies or tokens: what runs may run. */
export function createApp(frontEnd: FrontEnd) {
	const app = protect(new Hono(), gate);
	const notes = new Notes();
	const show = (title: string, name: PageName, status: 200 | 404 = 200) => {
		return (c: Context<{ Variables: UserVariables }>) => {
			const viewer = viewerOf(c.var.user);
			const headers = documentHeaders(viewer, frontEnd);
			return c.html(renderDocument(title, { page: name, viewer }, frontEnd), status, headers);
		};
	};

	app.get("/healthz", page({ auth: false }), (c) => c.text("ok"));
	app.use("/web/*", frontEnd.files);
	// The gate's own pages ask for it too.
	app.get("/favicon.ico", (c) =>
		c.body(icon, 200, { "Content-Type": "image/svg+xml", "Cache-Control": "max-age=3600" }),
	);

	app.get("/", show("Team notes", "landing"));
	app.get("/notes", show("Notes - Team notes", "notes"));
	app.get("/admin", show("Admin - Team notes", "admin"));

	// Everyone may ask, and learns about nobody else. See web/use-viewer.ts.
	app.get("/api/viewer", page({ auth: false }), (c) => c.json(viewerOf(c.var.user)));
	app.get("/api/notes", (c) => c.json(notes.list(signedIn(c.var.user))));
	app.post("/api/notes", bodyLimit({ maxSize: 8192 }), async (c) => {
		const body: unknown = await c.req.json().catch(() => undefined);
		const user = signedIn(c.var.user);
		if (!isRecord(body) || !notes.add(body.text, user)) return c.text("A note has 1 to 500 characters.", 422);
		return c.json(notes.list(user), 201);
	});

	app.get("/api/admin/authors", (c) => c.json(notes.countByAuthor()));
	app.delete("/api/admin/notes", (c) => {
		notes.clear();
		return c.body(null, 204);
	});

	const showNotFound = show("Not found - Team notes", "not-found", 404);
	app.notFound((c) => (c.req.header("accept")?.includes("text/html") ? showNotFound(c) : c.text("Not found", 404)));
	return app;
}

/** The guard lets nobody else come this far. */
function signedIn(user: User | undefined): User {
	if (!user) throw new Error("A guarded route was reached without a user");
	return user;
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null;
}
