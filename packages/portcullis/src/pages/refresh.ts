import { postJson } from "../client/post-json.ts";
import { inTurn, refreshInTurn } from "../client/refresh-turn.ts";
import { byId, pageData } from "./parts/page-data.ts";
import { repeatHere } from "./parts/repeat-here.ts";
import { announceToTabs } from "./parts/tabs.ts";
import { turnContext } from "./parts/turn.ts";

// Refreshes the session, one tab of the browser at a time, and asks for the page once more. If the
// session is over it goes to the login page; if that stays unknown the page says so.

const { endpoints = "" } = pageData();

/** What it came to. `id` names an error in the server's log. */
interface Outcome {
	readonly next: "repeat" | "login" | "failed";
	readonly id?: string;
}

void refresh().then(show);

async function refresh(): Promise<Outcome> {
	const turn = turnContext(endpoints);
	let outcome: Outcome = { next: "failed" };
	try {
		await inTurn(turn, async () => {
			const refreshed = await refreshInTurn(
				turn,
				({ signedIn }) => signedIn,
				(path) => turn.fetch(path, postJson("{}", true)),
			);
			if (refreshed?.session) outcome = { next: refreshed.session.signedIn ? "repeat" : "login" };
			else if (refreshed?.answer) outcome = await read(refreshed.answer);
		});
	} catch {
		// No answer came.
	}
	return outcome;
}

async function read(answer: Response): Promise<Outcome> {
	if (answer.status !== 200 && answer.status !== 401) {
		const { id } = await answer.json();
		return { next: "failed", id };
	}
	announceToTabs(endpoints);
	return { next: answer.status === 200 ? "repeat" : "login" };
}

function show({ next, id }: Outcome): void {
	if (next === "repeat") repeatHere();
	else if (next === "login") location.replace(byId<HTMLAnchorElement>("login").href);
	else fail(id);
}

function fail(id: string | undefined): void {
	const text = byId("text");
	text.textContent = text.dataset.failed ?? "";
	byId("onward").hidden = false;
	if (!id) return;
	const error = byId("error");
	(error.querySelector("code") as HTMLElement).textContent = id;
	error.hidden = false;
}
