import { type Context, Hono } from "hono";
import { access, protect, type UserVariables } from "portcullis/hono";
import type { PageName } from "../shared/types.ts";
import { AuditState } from "./audit-state.ts";
import { auth } from "./auth.ts";
import { isAdmin } from "./authz.ts";
import { documentHeaders, pictureOriginOf, renderDocument } from "./document.ts";
import type { FrontEnd } from "./front-end.ts";
import { icon } from "./icon.ts";
import { NotesState } from "./notes-state.ts";
import { UserState } from "./user-state.ts";

/** Everything is shut to anonymous callers but what stands here, and what the states open. */
export const gate = auth.gate({
	states: { notes: NotesState, user: UserState, audit: AuditState },
	pages: {
		"/": { auth: false },
		"/admin/*": { auth: isAdmin },
	},
	assets: ["/web/*", "/favicon.ico"],
});

/** The app behind its gate. Nothing below looks at cookies or tokens: what runs may run. */
export function createApp(frontEnd: FrontEnd) {
	const app = protect(new Hono(), gate);
	const show = (title: string, name: PageName, status: 200 | 404 = 200) => {
		return async (c: Context<{ Variables: UserVariables }>) => {
			const snapshot = await gate.snapshot(c.req.raw);
			const pictureOrigin = pictureOriginOf(c.var.user?.picture);
			const document = renderDocument(title, { page: name, snapshot, pictureOrigin }, frontEnd);
			return c.html(document, status, documentHeaders(pictureOrigin, frontEnd));
		};
	};

	app.get("/healthz", access(false), (c) => c.text("ok"));
	app.use("/web/*", frontEnd.files);
	// The gate's own pages ask for it too.
	app.get("/favicon.ico", (c) =>
		c.body(icon, 200, { "Content-Type": "image/svg+xml", "Cache-Control": "max-age=3600" }),
	);

	app.get("/", show("Team notes", "landing"));
	app.get("/notes", show("Notes - Team notes", "notes"));
	app.get("/admin", show("Admin - Team notes", "admin"));

	const showNotFound = show("Not found - Team notes", "not-found", 404);
	app.notFound((c) =>
		c.req.header("accept")?.includes("text/html") ? showNotFound(c) : c.text("Not found", 404),
	);
	return app;
}
