// The classes of larcv2's ROOT files, declared anew from their published layout: data members, their order and types,
// which is all that ROOT's streaming depends on. Written for make_larcv2.py.
#include <map>
#include <string>
#include <vector>

namespace larcv {
enum DistanceUnit_t { kUnitUnknown, kUnitCM, kUnitWireTime };
enum ShapeType_t { kShapeShower, kShapeTrack, kShapeMichel, kShapeDelta, kShapeLEScatter, kShapeGhost, kShapeUnknown };

struct Point2D { double x = 0, y = 0; };
struct Point3D { double x = 0, y = 0, z = 0; };
struct Vertex { double _x = 0, _y = 0, _z = 0, _t = 0; };
struct BBox2D { virtual ~BBox2D() {} unsigned short _id = 65535; Point2D _p1, _p2; };
struct BBox3D { virtual ~BBox3D() {} Point3D _p1, _p2; };

struct EventBase {
  virtual ~EventBase() {}
  std::string _producer;
  size_t _run = 0, _subrun = 0, _event = 0;
};

struct ImageMeta : public BBox2D {
  unsigned short _image_id = 0;
  size_t _col_count = 0, _row_count = 0;
  DistanceUnit_t _unit = kUnitUnknown;
};

struct Voxel3DMeta : public BBox3D {
  bool _valid = false;
  size_t _num_element = 0;
  double _xlen = 0, _ylen = 0, _zlen = 0;
  size_t _xnum = 0, _ynum = 0, _znum = 0;
  DistanceUnit_t _unit = kUnitUnknown;
};

struct Voxel { unsigned long long _id = 0; float _value = 0; };
struct VoxelSet { virtual ~VoxelSet() {} unsigned long _id = 0; std::vector<larcv::Voxel> _voxel_v; };
struct VoxelSetArray { virtual ~VoxelSetArray() {} std::vector<larcv::VoxelSet> _voxel_vv; };
struct SparseTensor2D : public VoxelSet { ImageMeta _meta; };
struct SparseTensor3D : public VoxelSet { Voxel3DMeta _meta; };
struct ClusterPixel2D : public VoxelSetArray { ImageMeta _meta; };
struct ClusterVoxel3D : public VoxelSetArray { Voxel3DMeta _meta; };
struct Image2D { virtual ~Image2D() {} std::vector<float> _img; ImageMeta _meta; };

struct Particle {
  unsigned short _id = 0, _mcst_index = 65535, _mct_index = 65535;
  ShapeType_t _shape = kShapeUnknown;
  short _current_type = -1, _interaction_type = -1;
  unsigned int _trackid = 4294967295u, _genid = 4294967295u;
  int _pdg = 0;
  double _px = 0, _py = 0, _pz = 0, _end_px = 0, _end_py = 0, _end_pz = 0;
  Vertex _vtx, _end_pt, _first_step, _last_step;
  double _dist_travel = -1, _energy_init = 0, _energy_deposit = 0;
  std::string _process;
  std::vector<larcv::BBox2D> _bb2d_v;
  BBox3D _bb3d;
  int _num_voxels = 0;
  unsigned int _parent_trackid = 4294967295u;
  int _parent_pdg = 0;
  Vertex _parent_vtx;
  unsigned int _ancestor_trackid = 4294967295u;
  int _ancestor_pdg = 0;
  Vertex _ancestor_vtx;
  std::string _ancestor_process, _parent_process;
  unsigned short _parent_id = 65535;
  std::vector<unsigned short> _children_id;
  unsigned short _group_id = 65535, _interaction_id = 65535;
};

struct EventImage2D : public EventBase { std::vector<larcv::Image2D> _image_v; };
struct EventSparseTensor2D : public EventBase { std::vector<larcv::SparseTensor2D> _tensor_v; };
struct EventSparseTensor3D : public EventBase, public SparseTensor3D {};
struct EventClusterPixel2D : public EventBase { std::vector<larcv::ClusterPixel2D> _cluster_v; };
struct EventClusterVoxel3D : public EventBase, public ClusterVoxel3D {};
struct EventParticle : public EventBase { std::vector<larcv::Particle> _part_v; };
}  // namespace larcv

#ifdef __CLING__
#pragma link C++ nestedclasses;
#pragma link C++ namespace larcv;
#pragma link C++ enum larcv::DistanceUnit_t;
#pragma link C++ enum larcv::ShapeType_t;
#pragma link C++ class larcv::Point2D+;
#pragma link C++ class larcv::Point3D+;
#pragma link C++ class larcv::Vertex+;
#pragma link C++ class larcv::BBox2D+;
#pragma link C++ class larcv::BBox3D+;
#pragma link C++ class std::vector<larcv::BBox2D>+;
#pragma link C++ class larcv::EventBase+;
#pragma link C++ class larcv::ImageMeta+;
#pragma link C++ class larcv::Voxel3DMeta+;
#pragma link C++ class larcv::Voxel+;
#pragma link C++ class std::vector<larcv::Voxel>+;
#pragma link C++ class larcv::VoxelSet+;
#pragma link C++ class std::vector<larcv::VoxelSet>+;
#pragma link C++ class larcv::VoxelSetArray+;
#pragma link C++ class larcv::SparseTensor2D+;
#pragma link C++ class std::vector<larcv::SparseTensor2D>+;
#pragma link C++ class larcv::SparseTensor3D+;
#pragma link C++ class larcv::ClusterPixel2D+;
#pragma link C++ class std::vector<larcv::ClusterPixel2D>+;
#pragma link C++ class larcv::ClusterVoxel3D+;
#pragma link C++ class larcv::Image2D+;
#pragma link C++ class std::vector<larcv::Image2D>+;
#pragma link C++ class larcv::Particle+;
#pragma link C++ class std::vector<larcv::Particle>+;
#pragma link C++ class larcv::EventImage2D+;
#pragma link C++ class larcv::EventSparseTensor2D+;
#pragma link C++ class larcv::EventSparseTensor3D+;
#pragma link C++ class larcv::EventClusterPixel2D+;
#pragma link C++ class larcv::EventClusterVoxel3D+;
#pragma link C++ class larcv::EventParticle+;
#endif
