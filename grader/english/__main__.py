import json,sys
from grader.english import scorer
s=scorer.default()
for l in sys.stdin:
    o=json.loads(l); r=s.score(o["text"],"identifier" if o["kind"]=="identifier" else "text")
    f=r.foreign>=.5 and (o["kind"]!="identifier" or any(len(w)>=4 for w in r.words))
    print(json.dumps({"id":o["id"],"foreign":f,"lang":r.language,"score":r.foreign}))
