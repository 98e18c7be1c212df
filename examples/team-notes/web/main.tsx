// First, before React is: does nothing in the built files.
import "@vitejs/plugin-react/preamble";
import { readSnapshot } from "portcullis/client";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import type { PageName } from "../shared/types.ts";
import { App } from "./app.tsx";
import { PictureOrigin } from "./avatar.tsx";
import { PortcullisProvider } from "./portcullis.ts";
import { Toasts } from "./toasts.tsx";

// Back after signing out: a page out of the browser's memory asks the server who may see it now.
addEventListener("pageshow", (event) => {
	if (!event.persisted) return;
	document.documentElement.hidden = true;
	location.reload();
});

const root = document.getElementById("root");
if (!root) throw new Error("The document has no #root");
const { page, pictureOrigin } = root.dataset;
createRoot(root).render(
	<StrictMode>
		<PortcullisProvider snapshot={readSnapshot()} toasts={<Toasts />}>
			<PictureOrigin value={pictureOrigin || null}>
				<App page={page as PageName} />
			</PictureOrigin>
		</PortcullisProvider>
	</StrictMode>,
);
