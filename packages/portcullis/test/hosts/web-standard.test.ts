import { listenFetch } from "../support/web-server.ts";
import { appResponse, hostBehaviours } from "./behaviours.ts";

hostBehaviours(
	"web-standard",
	(gate) =>
		listenFetch((request) =>
			// A server's own error page, so that an error of the app is an answer that the gate sees.
			gate.handle(request, (passed, user) =>
				appResponse(passed, user).catch(() => new Response("Internal error", { status: 500 })),
			),
		),
	"console",
);
