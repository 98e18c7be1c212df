import { inTurn, pause, settledSession } from "../client/refresh-turn.ts";
import { LIVE_FOR } from "../wire/renewal.ts";
import { pageData } from "./parts/page-data.ts";
import { forgetDrafts } from "./parts/tabs.ts";
import { turnContext } from "./parts/turn.ts";

// Sends the form while no tab refreshes the session. The cookies of a refresh that is answered
// after the logout would bring the session back, and the process that answers it need not know of
// the logout. Nothing is waited for longer than a refresh can take.
//
// With `data-presses` it presses the button itself; but not for a person who comes by Back: another
// person may have signed in since.

const { endpoints = "", presses } = pageData();
const turn = turnContext(endpoints);
const form = document.querySelector("form") as HTMLFormElement;
const button = form.querySelector("button") as HTMLButtonElement;
let step: "idle" | "waiting" | "sending" | "sent" = "idle";

form.addEventListener("submit", (event) => {
	forgetDrafts(endpoints);
	if (step === "sending") {
		// What the form carries goes once, also if a person presses the button as well.
		step = "sent";
		return;
	}
	event.preventDefault();
	if (step !== "idle") return;
	step = "waiting";
	inTurn(turn, async () => {
		await settledSession(turn).catch(() => {});
		send();
		// The lock goes with the page. If the page stays, the person may try again.
		await pause(LIVE_FOR);
		step = "idle";
	}).catch(send);
	void pause(LIVE_FOR).then(send);
});
addEventListener("pageshow", (event) => {
	if (event.persisted) step = "idle";
});
if (presses && navigationType() !== "back_forward") button.click();

function send(): void {
	if (step !== "waiting") return;
	step = "sending";
	button.click();
}

function navigationType(): string | undefined {
	const [entry] = performance.getEntriesByType("navigation");
	return (entry as PerformanceNavigationTiming | undefined)?.type;
}
