// First, before React is: does nothing in the built files.
import "@vitejs/plugin-react/preamble";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { PictureOrigin } from "./avatar.tsx";
import { takePageData } from "./page-data.ts";
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
const { page, snapshot, pictureOrigin } = takePageData();
createRoot(root).render(
	<StrictMode>
		<PortcullisProvider snapshot={snapshot} toasts={<Toasts />}>
			<PictureOrigin value={pictureOrigin}>
				<App page={page} />
			</PictureOrigin>
		</PortcullisProvider>
	</StrictMode>,
);
