// Command subject runs rs/cors under the standard app on net/http, as a subject of the harness.
//
// It speaks the subject protocol, version 1: one JSON object a line, from stdin to stdout. What a
// policy becomes is in [options], the app in [app], what is mounted where in [server].
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"math"
	"net"
	"net/http"
	"os"
	"reflect"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/rs/cors"
)

const module = "github.com/rs/cors"

var capabilities = json.RawMessage(fmt.Sprintf(`{
	"origins": ["any", "list", "subdomains_of", "patterns", "null"],
	"methods": ["list"], "request_headers": ["any", "list"], "expose_headers": ["list"],
	"credentials": true, "max_age": true, "private_network": %t,
	"paths": false, "dynamic": true, "http2": true
}`, privateNetwork(&cors.Options{}).IsValid()))

type tokens struct {
	Any  bool     `json:"any"`
	List []string `json:"list"`
}

type policy struct {
	Origins *struct {
		tokens
		SubdomainsOf []string `json:"subdomains_of"`
		Patterns     []string `json:"patterns"`
		Null         bool     `json:"null"`
	} `json:"origins"`
	Methods        tokens            `json:"methods"`
	RequestHeaders tokens            `json:"request_headers"`
	ExposeHeaders  tokens            `json:"expose_headers"`
	Credentials    bool              `json:"credentials"`
	MaxAge         *uint64           `json:"max_age"`
	PrivateNetwork bool              `json:"private_network"`
	Paths          []json.RawMessage `json:"paths"`
}

// unsupported says that the package has no option for this.
type unsupported struct {
	Feature string `json:"feature"`
	Reason  string `json:"reason"`
}

func (u unsupported) Error() string { return u.Feature + ": " + u.Reason }

// options are as https://pkg.go.dev/github.com/rs/cors#Options has them.
func options(p policy) (o cors.Options, err error) {
	switch {
	case p.Methods.Any:
		return o, unsupported{"methods", "there is an option for a list only"}
	case p.ExposeHeaders.Any:
		return o, unsupported{"expose_headers", "there is an option for a list only"}
	case len(p.Paths) > 0:
		return o, unsupported{"paths", "a `Cors` has one policy for all paths"}
	case p.MaxAge != nil && *p.MaxAge > math.MaxInt:
		return o, unsupported{"max_age", "more seconds than an `int` holds"}
	case p.MaxAge != nil && *p.MaxAge == 0:
		o.MaxAge = -1 // Documented to force a 0; 0 is documented to send nothing.
	case p.MaxAge != nil:
		o.MaxAge = int(*p.MaxAge)
	}
	o.AllowedMethods = p.Methods.List
	o.AllowedHeaders = p.RequestHeaders.List
	if p.RequestHeaders.Any {
		o.AllowedHeaders = []string{"*"}
	}
	o.ExposedHeaders = p.ExposeHeaders.List
	o.AllowCredentials = p.Credentials
	if p.PrivateNetwork {
		option := privateNetwork(&o)
		if !option.IsValid() {
			return o, unsupported{"private_network", "this version has no option for it"}
		}
		option.SetBool(true)
	}
	return o, origins(&o, p)
}

// privateNetwork is the option of that name, if it is there: an old release has none, and would not
// compile with it.
func privateNetwork(o *cors.Options) reflect.Value {
	return reflect.ValueOf(o).Elem().FieldByName("AllowPrivateNetwork")
}

// origins are a list with one `*` in each, or, for patterns, the function that is then documented
// to replace the list, so that it has to know all of them.
func origins(o *cors.Options, p policy) error {
	if p.Origins.Any {
		o.AllowedOrigins = []string{"*"}
		return nil
	}
	listed := p.Origins.List
	if p.Origins.Null {
		listed = append(listed, "null")
	}
	if len(p.Origins.Patterns) == 0 {
		for _, parent := range p.Origins.SubdomainsOf {
			listed = append(listed, strings.Replace(parent, "://", "://*.", 1))
		}
		if len(listed) == 0 {
			return unsupported{"origins", "an empty list is documented to mean all origins"}
		}
		o.AllowedOrigins = listed
		return nil
	}
	expressions := p.Origins.Patterns
	for _, origin := range listed {
		expressions = append(expressions, "^"+regexp.QuoteMeta(origin)+"$")
	}
	for _, parent := range p.Origins.SubdomainsOf {
		scheme, host, _ := strings.Cut(parent, "://")
		scheme, host = regexp.QuoteMeta(scheme), regexp.QuoteMeta(host)
		expressions = append(expressions, "^"+scheme+`://([^.:/]+\.)+`+host+"$")
	}
	whole, err := regexp.Compile("(" + strings.Join(expressions, ")|(") + ")")
	if err != nil {
		return unsupported{"origins", "not a regular expression of Go: " + err.Error()}
	}
	o.AllowOriginFunc = whole.MatchString
	return nil
}

// app is the standard app behind the middleware; net/http's routes without a method answer any.
func app(p policy, executed func(*http.Request)) (http.Handler, error) {
	o, err := options(p)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	handle := func(path string, handler http.HandlerFunc) {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			executed(r)
			handler(w, r)
		})
	}
	echo := func(set func(http.Header)) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			set(w.Header())
			io.WriteString(w, r.Method)
		}
	}
	handle("/plain", echo(func(h http.Header) { h.Set("X-Total", "7"); h.Set("ETag", `"7"`) }))
	handle("/vary", echo(func(h http.Header) { h.Add("Vary", "Accept-Language") }))
	handle("/own-cors", echo(func(h http.Header) {
		h.Set("Access-Control-Allow-Origin", "https://own.example")
	}))
	handle("/status/{n}", func(w http.ResponseWriter, r *http.Request) {
		// A final status; there is no answering with an interim one.
		n, err := strconv.Atoi(r.PathValue("n"))
		if err != nil || n < 200 || n > 599 {
			n = http.StatusBadRequest
		}
		w.WriteHeader(n)
	})
	handle("/throw", func(w http.ResponseWriter, r *http.Request) {
		// So handlers fail on net/http; a panic would break the connection off, without an answer.
		http.Error(w, "the handler failed", http.StatusInternalServerError)
	})
	handle("/redirect", func(w http.ResponseWriter, r *http.Request) {
		if to := r.URL.Query().Get("to"); to != "" {
			http.Redirect(w, r, to, http.StatusFound)
		} else {
			http.Error(w, "to where?", http.StatusBadRequest)
		}
	})
	return cors.New(o).Handler(mux), nil
}

// server has an app for each policy, below a path segment that net/http strips, and counts what
// handlers did, by the path where that is read: for a mount, and over all mounts.
type server struct {
	sync.RWMutex
	address net.Addr
	apps    map[string]http.Handler
	counts  map[string]uint64
	oldest  []string
}

func (s *server) count(mount, name string) {
	const most, longest = 20_000, 200
	if name == "" || len(name) > longest {
		return
	}
	s.Lock()
	defer s.Unlock()
	for _, path := range []string{"/" + mount + "/executed/" + name, "/executed/" + name} {
		if s.counts[path]++; s.counts[path] == 1 {
			s.oldest = append(s.oldest, path)
		}
	}
	for ; len(s.oldest) > most; s.oldest = s.oldest[1:] {
		delete(s.counts, s.oldest[0])
	}
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	mount, below, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	s.RLock()
	app, count := s.apps[mount], s.counts[r.URL.Path]
	s.RUnlock()
	switch {
	case mount == "executed", strings.HasPrefix(below, "executed/"):
		fmt.Fprint(w, count)
	case app != nil:
		http.StripPrefix("/"+mount, app).ServeHTTP(w, r)
	default:
		http.Error(w, "nothing is mounted here", http.StatusNotFound)
	}
}

// mount answers for one policy; this package refuses none.
func (s *server) mount(id string, p policy) map[string]any {
	app, err := app(p, func(r *http.Request) { s.count(id, r.URL.Query().Get("case")) })
	if err != nil {
		return map[string]any{"id": id, "unsupported": err}
	}
	s.Lock()
	defer s.Unlock()
	s.apps[id] = app
	return map[string]any{"id": id, "base": fmt.Sprintf("http://%s/%s", s.address, id)}
}

type request struct {
	Seq       *uint64
	Start     *struct{ Protocol int }
	Configure *struct {
		Policies []struct {
			ID     string
			Policy policy
		}
	}
	Release *struct{ IDs []string }
	Stop    *struct{}
}

// answer gives the kind and the content of the answer.
func (s *server) answer(line []byte) (seq uint64, kind string, content any) {
	failed := func(err error) (uint64, string, any) {
		return seq, "errored", map[string]string{"message": "this line cannot be answered", "detail": err.Error()}
	}
	var fields map[string]any
	var r request
	strict := json.NewDecoder(bytes.NewReader(line))
	strict.DisallowUnknownFields()
	err := errors.Join(json.Unmarshal(line, &fields), strict.Decode(&r))
	if r.Seq != nil {
		seq = *r.Seq
	}
	switch {
	case err != nil:
		return failed(err)
	case r.Seq == nil || len(fields) != 2:
		return failed(errors.New("a number and one message are expected"))
	case r.Start != nil && r.Start.Protocol == 1:
		return seq, "started", about()
	case r.Configure != nil:
		answers := []any{}
		for _, one := range r.Configure.Policies {
			if one.Policy.Origins == nil {
				return failed(errors.New("a policy has origins"))
			}
			answers = append(answers, s.mount(one.ID, one.Policy))
		}
		return seq, "configured", answers
	case r.Release != nil && r.Release.IDs != nil:
		s.Lock()
		defer s.Unlock()
		for _, id := range r.Release.IDs {
			delete(s.apps, id)
		}
		return seq, "released", r.Release.IDs
	case r.Stop != nil:
		return seq, "stopped", struct{}{}
	}
	return failed(errors.New("a message of protocol 1 is expected"))
}

func about() map[string]any {
	build, _ := debug.ReadBuildInfo()
	at := slices.IndexFunc(build.Deps, func(m *debug.Module) bool { return m.Path == module })
	return map[string]any{
		"name": "rs-cors", "version": strings.TrimPrefix(build.Deps[at].Version, "v"),
		"language": "Go", "runtime": runtime.Version() + ", net/http",
		"homepage": "https://" + module, "issues": "https://" + module + "/issues",
		"role": "server", "capabilities": capabilities,
	}
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	s := &server{address: listener.Addr(), apps: map[string]http.Handler{}, counts: map[string]uint64{}}
	protocols := &http.Protocols{}
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	go (&http.Server{Handler: s, Protocols: protocols, ErrorLog: log.New(io.Discard, "", 0)}).Serve(listener)
	in, out := bufio.NewReader(os.Stdin), json.NewEncoder(os.Stdout)
	for kind := ""; kind != "stopped"; {
		line, err := in.ReadBytes('\n')
		if err != nil && len(line) == 0 {
			return
		}
		seq, answered, content := s.answer(line)
		kind = answered
		if out.Encode(map[string]any{"seq": seq, kind: content}) != nil {
			return
		}
	}
}
