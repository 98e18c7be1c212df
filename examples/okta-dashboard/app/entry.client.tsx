import { StrictMode, startTransition } from "react";
import { hydrateRoot } from "react-dom/client";
import { HydratedRouter } from "react-router/dom";

// Back after signing out: a page out of the browser's memory asks the server who may see it now.
addEventListener("pageshow", (event) => {
	if (!event.persisted) return;
	document.documentElement.hidden = true;
	location.reload();
});

startTransition(() => {
	hydrateRoot(
		document,
		<StrictMode>
			<HydratedRouter />
		</StrictMode>,
	);
});
