func handler(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "hello") }
