import type { IncomingMessage, ServerResponse } from "node:http";
import { protect, userOf } from "../../src/node.ts";
import type { Person } from "../support/gate-fixture.ts";
import { listen } from "../support/web-server.ts";
import { appAnswer, hostBehaviours } from "./behaviours.ts";

hostBehaviours("node", (gate) => listen(protect(app, gate)), "gate");

async function app(request: IncomingMessage, response: ServerResponse): Promise<void> {
	let body = "";
	for await (const chunk of request) body += chunk;
	const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
	const { status, headers, chunks, breaks } = appAnswer(
		request.method ?? "GET",
		path,
		body,
		userOf<Person>(request),
	);
	const grouped: Record<string, string | string[]> = {};
	for (const [name, value] of headers)
		grouped[name] =
			name === "Set-Cookie" ? [...((grouped[name] as string[] | undefined) ?? []), value] : value;
	if (breaks && chunks.length === 0) throw new Error("it broke");
	response.writeHead(status, grouped);
	for (const chunk of chunks) response.write(chunk);
	if (breaks) throw new Error("it broke");
	response.end();
}
