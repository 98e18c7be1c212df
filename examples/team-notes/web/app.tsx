import type { ReactNode } from "react";
import type { PageData, PageName, Viewer } from "../shared/types.ts";
import { AdminPage } from "./admin-page.tsx";
import { LandingPage } from "./landing-page.tsx";
import { NavBar } from "./nav-bar.tsx";
import { NotFoundPage } from "./not-found-page.tsx";
import { NotesPage } from "./notes-page.tsx";
import { useViewer } from "./use-viewer.ts";

/** The whole app. Links load documents, so that every page goes through the guard. */
export function App({ page, viewer: known }: PageData) {
	const viewer = useViewer(known);
	return (
		<>
			<a className="skip" href="#main">
				Skip to content
			</a>
			<NavBar page={page} viewer={viewer} />
			<main id="main" tabIndex={-1} className={`page ${page}`}>
				{contentOf(page, viewer)}
			</main>
		</>
	);
}

function contentOf(page: PageName, viewer: Viewer | null): ReactNode {
	switch (page) {
		case "landing":
			return <LandingPage viewer={viewer} />;
		case "notes":
			return viewer && <NotesPage viewer={viewer} />;
		case "admin":
			return <AdminPage />;
		case "not-found":
			return <NotFoundPage />;
	}
}
