import type { ReactNode } from "react";
import type { PageName } from "../shared/types.ts";
import { AdminPage } from "./admin-page.tsx";
import { LandingPage } from "./landing-page.tsx";
import { NavBar } from "./nav-bar.tsx";
import { NotFoundPage } from "./not-found-page.tsx";
import { NotesPage } from "./notes-page.tsx";
import { SignedIn, SignedOut, useServerState } from "./portcullis.ts";
import { SignedOutPage } from "./signed-out-page.tsx";

/** The whole app. Links load documents, so that every page goes through the guard. */
export function App({ page }: { page: PageName }) {
	// What a person has typed goes with them: a page is made anew for the next one in this tab.
	const person = useServerState("user", ({ sub }) => sub);
	return (
		<>
			<a className="skip" href="#main">
				Skip to content
			</a>
			<NavBar page={page} />
			<main id="main" tabIndex={-1} className={`page ${page}`} key={person}>
				{page === "landing" ? (
					<LandingPage />
				) : (
					<>
						<SignedIn>{protectedPage(page)}</SignedIn>
						<SignedOut>
							<SignedOutPage />
						</SignedOut>
					</>
				)}
			</main>
		</>
	);
}

function protectedPage(page: Exclude<PageName, "landing">): ReactNode {
	switch (page) {
		case "notes":
			return <NotesPage />;
		case "admin":
			return <AdminPage />;
		case "not-found":
			return <NotFoundPage />;
	}
}
