// First, before React is: does nothing in the built files.
import "@vitejs/plugin-react/preamble";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { readPageData } from "./page-data.ts";

// Back after signing out: a page out of the browser's memory asks the server who may see it now.
addEventListener("pageshow", (event) => {
	if (!event.persisted) return;
	document.documentElement.hidden = true;
	location.reload();
});

const root = document.getElementById("root");
if (!root) throw new Error("The document has no #root");
createRoot(root).render(
	<StrictMode>
		<App {...readPageData()} />
	</StrictMode>,
);
