// The two pages that the flag selects. Save a change of this file: the next request uses it.

func oldPage(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintf(w, "The old page at %s\n", r.URL.Path)
}

func newPage(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html")
	fmt.Fprintf(w, "<h1>The new page at %s</h1>\n", html.EscapeString(r.URL.Path))
}
