// Command subject runs gin-contrib/cors under the standard app on gin, as a subject of the harness.
//
// It speaks the subject protocol, version 1: one JSON object a line, from stdin to stdout. What a
// policy becomes is in [config], the app in [app], what is mounted where in [server].
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
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gin-contrib/cors"
	"github.com/gin-gonic/gin"
)

const module = "github.com/gin-contrib/cors"

var capabilities = json.RawMessage(`{
	"origins": ["any", "list", "subdomains_of", "patterns"],
	"methods": ["list"], "request_headers": ["list"], "expose_headers": ["list"],
	"credentials": true, "max_age": true, "private_network": true,
	"paths": false, "dynamic": true, "http2": true
}`)

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

// config is as https://github.com/gin-contrib/cors#configuration-reference has it.
func config(p policy) (c cors.Config, err error) {
	const most = uint64(math.MaxInt64 / time.Second)
	switch {
	case p.Methods.Any:
		return c, unsupported{"methods", "there is an option for a list only"}
	case p.RequestHeaders.Any:
		return c, unsupported{"request_headers", "there is an option for a list only"}
	case p.ExposeHeaders.Any:
		return c, unsupported{"expose_headers", "there is an option for a list only"}
	case len(p.Paths) > 0:
		return c, unsupported{"paths", "a configuration has one policy for all paths"}
	case p.MaxAge != nil && *p.MaxAge > most:
		return c, unsupported{"max_age", "more seconds than a `time.Duration` holds"}
	case p.MaxAge != nil:
		c.MaxAge = time.Duration(*p.MaxAge) * time.Second
	}
	c.AllowMethods = p.Methods.List
	c.AllowHeaders = p.RequestHeaders.List
	c.ExposeHeaders = p.ExposeHeaders.List
	c.AllowCredentials = p.Credentials
	c.AllowPrivateNetwork = p.PrivateNetwork
	return c, origins(&c, p)
}

// origins are a list with one `*` in each, or, for patterns, the function that is then documented
// to replace the list, so that it has to know all of them.
func origins(c *cors.Config, p policy) error {
	c.AllowAllOrigins = p.Origins.Any
	if p.Origins.Null {
		c.AllowOrigins = []string{"null"} // The package refuses it in either form.
	}
	if len(p.Origins.Patterns) == 0 {
		c.AllowWildcard = len(p.Origins.SubdomainsOf) > 0
		for _, origin := range p.Origins.List {
			scheme, _, _ := strings.Cut(origin, "://")
			if scheme != "http" && scheme != "https" {
				c.CustomSchemas = append(c.CustomSchemas, scheme+"://")
			}
			c.AllowOrigins = append(c.AllowOrigins, origin)
		}
		for _, parent := range p.Origins.SubdomainsOf {
			c.AllowOrigins = append(c.AllowOrigins, strings.Replace(parent, "://", "://*.", 1))
		}
		return nil
	}
	expressions := p.Origins.Patterns
	for _, origin := range p.Origins.List {
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
	c.AllowOriginFunc = whole.MatchString
	return nil
}

// app is the standard app behind the middleware, which is told to panic rather than return an error
// when it refuses a configuration.
func app(p policy, executed func(*http.Request)) (app http.Handler, err error) {
	c, err := config(p)
	if err != nil {
		return nil, err
	}
	defer func() {
		if refusal := recover(); refusal != nil {
			app, err = nil, fmt.Errorf("%v", refusal)
		}
	}()
	engine := gin.New()
	engine.Use(gin.RecoveryWithWriter(io.Discard), cors.New(c))
	methods := slices.DeleteFunc(slices.Concat(known, p.Methods.List), unroutable)
	slices.Sort(methods)
	methods = slices.Compact(methods)
	handle := func(path string, handler gin.HandlerFunc) {
		engine.Match(methods, path, func(g *gin.Context) { executed(g.Request); handler(g) })
	}
	echo := func(g *gin.Context) { g.String(http.StatusOK, g.Request.Method) }
	handle("/plain", func(g *gin.Context) { g.Header("X-Total", "7"); g.Header("ETag", `"7"`); echo(g) })
	handle("/vary", func(g *gin.Context) { g.Writer.Header().Add("Vary", "Accept-Language"); echo(g) })
	handle("/own-cors", func(g *gin.Context) {
		g.Header("Access-Control-Allow-Origin", "https://own.example")
		echo(g)
	})
	handle("/status/:n", func(g *gin.Context) {
		// A final status; there is no answering with an interim one.
		n, err := strconv.Atoi(g.Param("n"))
		if err != nil || n < 200 || n > 599 {
			n = http.StatusBadRequest
		}
		g.Status(n)
	})
	handle("/throw", func(*gin.Context) { panic("the handler failed") })
	handle("/redirect", func(g *gin.Context) {
		if to := g.Query("to"); to != "" {
			g.Redirect(http.StatusFound, to)
		} else {
			g.Status(http.StatusBadRequest)
		}
	})
	return engine, nil
}

// gin has a route for each method by its name, which it wants in upper case; so an app knows all that
// gin's own `Any` stands for, and those that the policy names.
var known = strings.Fields("GET POST PUT PATCH HEAD OPTIONS DELETE CONNECT TRACE")

func unroutable(method string) bool {
	return strings.Trim(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != ""
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

// mount answers for one policy.
func (s *server) mount(id string, p policy) map[string]any {
	app, err := app(p, func(r *http.Request) { s.count(id, r.URL.Query().Get("case")) })
	if no := (unsupported{}); errors.As(err, &no) {
		return map[string]any{"id": id, "unsupported": no}
	}
	if err != nil {
		return map[string]any{"id": id, "rejected": map[string]string{"message": err.Error()}}
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
		"name": "gin-cors", "version": strings.TrimPrefix(build.Deps[at].Version, "v"),
		"language": "Go", "runtime": runtime.Version() + ", gin " + gin.Version,
		"homepage": "https://" + module, "issues": "https://" + module + "/issues",
		"role": "server", "capabilities": capabilities,
	}
}

func main() {
	gin.SetMode(gin.ReleaseMode)
	gin.DefaultWriter = io.Discard
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
